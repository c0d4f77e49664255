/* Borders of what a peer is told: End-of-RIB (RFC 4724 section 2), the end of a refresh (RFC 7313), receipts. Each is a
 * barrier of an outlet's reader (ledger.h): it fires when the reader has passed all that was in front of it when the
 * border was placed, or is closed. What fires is sent behind what the outlet packed until then. */
#ifndef SPEAKER_BORDER_H
#define SPEAKER_BORDER_H
#include "speaker/advertise.h"

/* One in each family when a session may be told, once: what there was at its beginning ends with End-of-RIB in all
 * families, in the order that was negotiated. */
void borders_begin(struct outlet *);
/* The reader goes back to the head; BoRR is sent now and EoRR when all was told again, of this family and of the
 * others that are being told again. */
void border_refresh(struct outlet *, enum family);
/* All is being told again without borders: `flushing` says so until it was. */
void border_flush(struct outlet *, enum family);
/* The API's `eor`. Nothing where the family was not agreed. */
void border_end_of_rib(struct peer *, enum family);
/* Tell the link when what rib_out holds now is written to this peer, or that the peer is down. */
void border_receipt(struct peer *, uint64_t id);
/* The session wrote something: receipts whose octets those were are told. */
void borders_written(struct outlet *);
/* The outlet ends, its readers are closed: receipts that wait are told so. */
void borders_down(struct outlet *);
#endif
