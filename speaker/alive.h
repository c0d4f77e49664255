/* A sign of life for who supervises: a file, rewritten every second by the loop itself, with one line about
 * how things are. It says that the loop turns, and nothing about the controller: a speaker without one does its
 * work. To be kept where writing cannot wait: a tmpfs, as /run is. */
#ifndef SPEAKER_ALIVE_H
#define SPEAKER_ALIVE_H
#include "speaker/speaker.h"

struct alive;

struct alive *alive_open(struct speaker *, const char *path); /* NULL with errno */
void alive_close(struct alive *); /* the file goes */
/* For another process: prints the line. 0 when the file was written in the last ten seconds, else 1 and why on
 * standard error. */
int alive_ask(const char *path);
#endif
