#!/bin/sh
# Several commands in one write, with what is no command between them.
printf 'announce route 10.0.0.0/24 next-hop 192.0.2.1\n# a remark\n\nannounce route 10.0.1.0/24 next-hop 192.0.2.1\n'
sleep 0.3
printf 'withdraw route 10.0.0.0/24 next-hop 192.0.2.1\nannounce route 10.0.2.0/24 next-hop 192.0.2.1 med 1\nannounce route 10.0.3.0/24 next-hop 192.0.2.1 med 1\n'
sleep 0.3
printf 'announce route 10.0.1.0/24 next-hop 192.0.2.2\nannounce route 10.0.4.0/24 next-hop 192.0.2.1\nwithdraw route 10.0.4.0/24 next-hop 192.0.2.1\n'
sleep 0.3
printf 'no such command\nannounce route 10.0.5.0/24 next-hop 192.0.2.1\nannounce route 10.0.6.0/33 next-hop 192.0.2.1\n'
sleep 0.3
printf 'withdraw route 10.0.1.0/24\nwithdraw route 10.0.2.0/24\nwithdraw route 10.0.9.0/24\n'
exec sleep 3600
