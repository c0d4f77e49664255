#!/bin/sh
# Announces beside what the configuration says, also what it says itself, and takes some of that back.
echo "announce route 10.9.0.0/24 next-hop 192.0.2.1"
echo "announce route 10.3.0.0/24 next-hop 192.0.2.1"
echo "withdraw route 10.1.0.0/24 next-hop 192.0.2.1"
echo "announce route 10.1.0.0/24 next-hop 192.0.2.9"
exec sleep 3600
