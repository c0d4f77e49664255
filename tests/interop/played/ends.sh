#!/bin/sh
# Says one thing and ends; what it said stays.
echo "announce route 10.8.0.0/24 next-hop 192.0.2.1"
sleep 0.2
