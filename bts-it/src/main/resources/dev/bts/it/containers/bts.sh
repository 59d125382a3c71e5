#!/bin/sh
# The command bts in a container: what the launcher of the repository does once everything is built.
set -u

java=$(command -v java) || {
  echo 'bts: there is no java on PATH in this image: base it on one with a JRE, 17 or newer' >&2
  exit 125
}
java_home=$(readlink -f -- "$java")
java_home=${java_home%/bin/java}
feature=
while IFS='=' read -r key value; do
  value=${value#\"}
  if [ "$key" = JAVA_VERSION ]; then feature=${value%%[!0-9]*}; fi
done <"$java_home/release"

flags="-XX:+UseSerialGC -XX:-UsePerfData -XX:-MaxFDLimit -Xshare:auto -Xlog:disable"
# The consent to native code (JEP 472); before 22 the option does not know the unnamed module.
if [ "${feature:-0}" -ge 22 ]; then flags="$flags --enable-native-access=ALL-UNNAMED"; fi

class_path=
for file in /opt/bts/lib/*; do class_path=$class_path:$file; done

exec "$java" $flags -cp "${class_path#:}" dev.bts.cli.Bts "$@"
