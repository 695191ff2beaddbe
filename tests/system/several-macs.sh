#!/bin/sh
# Without this: a guest takes a neighbour's MAC address, and nobody says so; or
# a guest with several MACs (a bridge in it) fails without a word.
. "$(dirname "$0")/../abuse-lib.sh"

start_lab a b c
nok "no second VM gets a's MAC" vmovs add-vm d --network=lab \
    --mac="$(nic a mac)"
says "it is told whose it is" "$(nic a mac).* a"
nok "nor does one that is there" vmovs set-vm b mac="$(nic a mac)"
# In the file itself: what is in force stays.
jq --arg mac "$(nic a mac)" '.vms.a.nics[0].mac = $mac |
    .vms.b.nics[0].mac = $mac' "$T/vmovs.json" > "$T/twice"
cp "$T/vmovs.json" "$T/right.json"
cp "$T/twice" "$T/vmovs.json"
refused () { vmovs status | grep -qi "$(nic a mac)"; }
ok "an edit of the file is refused" wait_until refused
ok "the guests go on" pings a "$(nic b ip)"
cp "$T/right.json" "$T/vmovs.json"
ok "mended" wait_until vmovs sync

# c sends with a hundred MACs in turn, its own among them.
frames_of c b | awk '$1 == "sentinel"' > "$T/sentinel"
read -r name in out frame < "$T/sentinel"
for i in $(seq 10 99); do
    printf 'other-%s %s - %.12s0200000000%s%s\n' "$i" "$in" "$frame" "$i" \
        "$(echo "$frame" | cut -c25-)"
done > "$T/others"
awk 'FNR % 10 == 1 { print s } { print }' s="$name $in $out $frame" \
    "$T/others" > "$T/mixed"
listening a b host
named () { vmovs show c | grep -q 'spoofed-mac'; }
nok "show c has nothing to say" named
ok "c sends with 91 MACs" in_guest c wire repeat eth0 495 1000 < "$T/mixed"
start=$(date +%s%3N)
ok "show c names the drop" wait_until -t 2 named
took=$(($(date +%s%3N) - start))
say "$took ms later: $(vmovs show c | grep -m 1 spoofed-mac)"
ok "within 2 s" [ $took -lt 2000 ]
number () { vmovs --json show c | jq '.nics[0].drops["spoofed-mac"]'; }
counted () { [ "$(number)" = 450 ]; }
ok "each is counted" wait_until counted
nok "not as a's" sh -c 'vmovs --json show a |
    jq -e ".nics[0].drops[\"spoofed-mac\"] // 0 | . > 0"'
all_came () { [ "$(hears b sentinel)" = 45 ]; }
ok "its own MAC passes" wait_until all_came
is "no other does" "$(leaked)" ""
allow_log 'vmovs.json'
finish
