// Pointers decide.
#include <stddef.h>

struct node {
  int key;
  struct node *left, *right;
};

static int sum(const struct node *node) { return node ? sum(node->left) + node->key % 7 + sum(node->right) : 0; }

int main(void) {
  static struct node nodes[200];
  struct node *root = NULL;
  unsigned seed = 11;
  for (int i = 0; i < 200; i++) {
    struct node **at = &root;
    nodes[i].key = (int)((seed = seed * 1664525 + 1013904223) >> 12);
    while (*at) at = nodes[i].key < (*at)->key ? &(*at)->left : &(*at)->right;
    *at = &nodes[i];
  }
  return sum(root) != 617;
}
