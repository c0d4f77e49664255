#!/bin/sh
# Announces one address after the other and takes them back, at its own pace, and looks at no answer.
ignored() {
	while read -r line; do :; done
}
ignored <&0 &

until [ -e "$STEPS/go" ]; do
	sleep 0.5
done
for n in 1 2 3; do
	echo "announce route 198.51.100.$n/32 next-hop self community [ 65001:$n ]"
	sleep 0.8
done
echo "announce attributes next-hop self med 10 nlri 203.0.113.0/26 203.0.113.64/26"
sleep 0.8
echo "announce route 198.51.100.2/32 next-hop self med 77"
sleep 0.8
echo "neighbor 127.0.0.3 announce route 198.51.100.4/32 next-hop self"
sleep 0.8
for n in 3 2 1; do
	echo "withdraw route 198.51.100.$n/32 next-hop self"
	sleep 0.8
done
echo "announce route 198.51.100.255/32 next-hop self"
touch "$STEPS/over"
exec sleep 3600
