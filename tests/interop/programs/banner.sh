#!/bin/bash
# A failover in a few lines: says who it is, then acts on what it reads of the neighbors, line by line. What the
# first neighbor announces is passed on to the second one with a mark.
echo "banner.sh 1.2 of the network team"
echo "----------------------------------------"
echo "# ready"

while read -r word address verb rest; do
	case $word in
	neighbor) echo "$address $verb $rest" | sed 's/ - .*//; s/ *$//' >>"$STEPS/$address" ;;
	done | error) echo "$word" >>"$STEPS/answers" ;;
	shutdown) exit 0 ;;
	esac
	case "$address $verb" in
	"127.0.0.2 up") # the second line is only spare now
		echo "neighbor 127.0.0.2 announce route 10.20.0.0/16 next-hop self med 10"
		echo "neighbor 127.0.0.3 announce route 10.20.0.0/16 next-hop self as-path [ 65001 65001 65001 ]"
		;;
	"127.0.0.2 down")
		echo "neighbor 127.0.0.3 announce route 10.20.0.0/16 next-hop self"
		;;
	"127.0.0.2 receive")
		set -- $rest
		case "$1 $2" in
		"update announced") echo "neighbor 127.0.0.3 announce route $3 next-hop $5 community [ 65001:20 ]" ;;
		"update withdrawn") echo "neighbor 127.0.0.3 withdraw route $3" ;;
		esac
		;;
	esac
done
