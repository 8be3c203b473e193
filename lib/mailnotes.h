/* SPDX-License-Identifier: ISC */
#ifndef LIB_MAILNOTES_H
#define LIB_MAILNOTES_H

/* Words of CONSUMER_MAIL: letters, over all lives of check. */
enum mail_note {
	NOTE_MAIL_SENT,
	NOTE_MAIL_REFUSED, /* by the server, for good */
	NOTE_MAIL_LOST,	   /* too many, too old, or not to be sent any more */
	NOTE_MAIL_WAITING, /* now */
	NOTE_MAIL_FAILED,  /* attempts in a row that have failed, now */
};

#endif
