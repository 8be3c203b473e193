/* SPDX-License-Identifier: ISC */
#ifndef CHECK_MAIL_OUTCOME_H
#define CHECK_MAIL_OUTCOME_H

/* What came of an attempt to send a mail, as the sending process reports it. */

enum delivery_outcome {
	DELIVERY_DONE,
	DELIVERY_LATER,	  /* another attempt may succeed */
	DELIVERY_REFUSED, /* none will: the server has said so */
};

/* A report: a character '0' + enum delivery_outcome, and what a person may read about it. */
#define DELIVERY_REPORT 512

#endif
