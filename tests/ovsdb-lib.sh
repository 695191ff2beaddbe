# shellcheck shell=sh disable=SC2154  # T comes from lib.sh
# tests/ovsdb-lib.sh: the database's session alone (tests/tools/
# ovsdb-harness.c), for tests/daemon/ovsdb-*.sh.  Sourced after lib.sh.
#
#   start_session           starts the harness on the private database
#   ask COMMAND...          its answer to a command
#   await [-t S] PATTERN    a test: within S seconds (10) its state has a line
#                           like PATTERN
#   transactions            how many have been committed to the database
#   end_session             ends it

start_session () {
    mkfifo "$T/in" "$T/answers"
    HARNESS_LOG="$T/vmovsd.log" ovsdb-harness "unix:$T/ovs/db.sock" \
        < "$T/in" > "$T/answers" 2> "$T/harness.err" &
    session=$!
    exec 3> "$T/in" 4< "$T/answers"
}

ask () {
    echo "$*" >&3
    while read -r line <&4; do
        [ "$line" != . ] || return 0
        echo "$line"
    done
    echo "the session has ended"
    cat "$T/harness.err"
    return 1
}

await () {
    seconds=10
    if [ "$1" = -t ]; then
        seconds=$2
        shift 2
    fi
    got=$(ask await "$seconds" "$*") || got="the session has ended"
    is "await $*" "$got" ""
}

transactions () {
    ovsdb-tool show-log "$T/ovs/conf.db" | grep -c '^record .*"vmovsd"'
}

end_session () {
    exec 3>&- 4<&-
    wait "$session"
    is "the session ends well" $? 0
}
