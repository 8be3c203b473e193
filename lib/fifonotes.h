/* SPDX-License-Identifier: ISC */
#ifndef LIB_FIFONOTES_H
#define LIB_FIFONOTES_H

/* What check keeps beside the bookmark of each FIFO (consumer_notes): for its next life, and to be
 * shown. */
enum fifo_note {
	FIFO_NOTE_DEVICE, /* of the file that was made; inode 0: none was */
	FIFO_NOTE_INODE,
	FIFO_NOTE_WRITTEN, /* lines */
	FIFO_NOTE_BEGUN,   /* of notify_fifo's alone: whether startup_script has run */
};

#endif
