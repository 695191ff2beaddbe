# shellcheck shell=sh
# tests/trace-lib.sh: words for asking the pipeline about single frames.
# topology.h's networks run in an ovs-vswitchd on its dummy datapath; ports are
# called p1 to p10 and have these OpenFlow numbers; p10 is nobody's.
#
#   start_pipeline          the switch with all flows, groups and meters
#   sent                    "PORT COUNT" of frames sent so far, a line a port
#   trace PORT FLOW         final verdict of ofproto/trace: "2", "1,3", "-"
#   last_frame PORT         hex of the last frame that left PORT
#   expect WHAT PORT FLOW OUT       a test: FLOW from PORT goes to OUT

. "$(dirname "$0")/../lib.sh"

start_pipeline () {
    start_ovs dummy
    set -- add-br vmovs0 -- set Bridge vmovs0 datapath_type=dummy \
        fail_mode=secure
    for i in 1 2 3 4 5 6 7 8 9 10; do
        set -- "$@" -- add-port vmovs0 "p$i" -- set Interface "p$i" \
            type=dummy ofport_request="$i" options:tx_pcap="$T/p$i.pcap"
    done
    vsctl "$@" || bail "ports"
    "$BUILD/trace/plan-flows" "$T" || bail "plan-flows"
    # So that first fragments show their ports.
    ofctl set-frags vmovs0 nx-match || bail "fragments"
    while read -r meter; do
        ofctl add-meter vmovs0 "$meter" || bail "$meter"
    done < "$T/meters"
    ofctl add-groups vmovs0 "$T/groups" || bail "groups"
    ofctl --bundle add-flows vmovs0 "$T/flows" || bail "flows"
}

sent () {
    ofctl dump-ports vmovs0 | awk '
        /port / { port = $2; sub(":", "", port) }
        /tx pkts/ { split($2, n, "[=,]"); sub("^p", "", port)
                    if (port ~ /^[0-9]+$/) print port, n[2] }' | sort -n
}

trace () {
    appctl ofproto/trace vmovs0 "in_port=$1,$2" > "$T/trace" || return
    awk '/^Datapath actions: / {
             n = split($3, a, ","); out = ""
             for (i = 1; i <= n; i++) if (a[i] ~ /^[0-9]+$/)
                 out = out (out == "" ? "" : ",") a[i]
             print out == "" ? "-" : out }' "$T/trace"
}

expect () { is "$1" "$(trace "$2" "$3")" "$4"; }

last_frame () { ovs-pcap "$T/p$1.pcap" | tail -n 1; }
