#!/bin/sh
# Without this, a restart of ovsdb-server would unplug guests, or leave the
# daemon without its database until somebody restarts it too.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../ovsdb-lib.sh"

end_of () {
    pid=$(cat "$T/ovs/$1.pid")
    kill -9 "$pid"
    wait_until ended "$pid"
    rm -f "$T/ovs/$1.pid" "$T/ovs/db.sock"
}

# What is started meanwhile must not keep the session's pipes open.
servers () { "$@" 3>&- 4<&-; }

# The daemon may be there before Open vSwitch.
start_session
ask bridge vmovs0 userspace
ask want vm-a type=dummy vm=a network=lab
ask want vm-b type=dummy vm=b network=lab
ask update
await "problem database: no connection to *"
servers start_ovs dummy
await -t 1 connected
await applied
await "port vm-a type=dummy ofport=yes link=up*"
await "port vm-b type=dummy ofport=yes link=up*"
row=$(vsctl get interface vm-a _uuid)
ofport=$(vsctl get interface vm-a ofport)
before=$(transactions)
ports=$(ask show | grep "^port ")

end_of ovsdb-server
await disconnected
await pending
servers start_ovsdb
await -t 1 connected
await applied
is "nothing was written" "$(transactions)" "$before"
# The link's state does not outlive ovsdb-server; ovs-vswitchd writes it again.
await "port vm-a type=dummy ofport=yes link=up*"
await "port vm-b type=dummy ofport=yes link=up*"
is "the view is as it was" "$(ask show | grep "^port ")" "$ports"
is "the same row" "$(vsctl get interface vm-a _uuid)" "$row"
is "the same ofport" "$(vsctl get interface vm-a ofport)" "$ofport"

# What is wanted meanwhile is made up for.
end_of ovsdb-server
await disconnected
ask want vm-c type=dummy vm=c network=lab
ask unwant vm-b
ask update
servers start_ovsdb
await applied
is "made up for" "$(vsctl list-ports vmovs0 | tr '\n' ' ')" "vm-a vm-c "

# The database is lost.
end_of ovsdb-server
await disconnected
rm "$T/ovs/conf.db"
servers start_ovsdb
await applied
await "port vm-a type=dummy*"
is "all is there again" "$(vsctl list-ports vmovs0 | tr '\n' ' ')" \
    "vm-a vm-c "
end_session
allow_log 'connection|Open_vSwitch|Connection re|No such file'
finish
