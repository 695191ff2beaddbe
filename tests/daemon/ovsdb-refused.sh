#!/bin/sh
# Without this, one port that the database refuses would keep everybody's
# ports from being made; and many ports would take as many transactions.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../ovsdb-lib.sh"

n=2000

start_ovsdb
vsctl --no-wait init
start_session
ask bridge vmovs0 userspace
ask update
await applied
before=$(transactions)
ask many p $n
ask update
await -t 60 applied
await "ports $n"
is "$n ports are one transaction" "$(transactions)" $((before + 1))

# One port that changes is one entry of the view, there and back.
seqno=$(ask show | sed -n 's/seqno //p')
vsctl --no-wait set interface p7 external_ids:iface-status=inactive
await "seqno $((seqno + 2))"
await applied
is "one change, one transaction" "$(transactions)" $((before + 2))

# A bond has the name that our port wants: the database refuses a transaction
# with it, and does not say why.
vsctl --no-wait add-br other -- add-bond other bad eth8 eth9
ask many q 50
ask want bad type=dummy vm=bad network=lab
ask update
await "ports $((n + 50))"
await "problem port bad: the database refuses it: *constraint violation*"
await applied
vsctl --no-wait del-br other
await "port bad * marks bad lab *"
await applied
nok "no problem is left" test -n "$(ask show | grep problem)"
end_session
allow_log 'the database refuses it|transaction error'
finish
