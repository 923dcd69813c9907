// No job is waited for for ever: a vendor may never say how one ended. Then what it was to do is in doubt.

/** Imports take minutes, on bad days hours; what one was to do is asked for anew no oftener than daily. */
export const longestJobMs = 24 * 60 * 60_000;

export const jobWithoutEnd = { reason: 'the job has not ended', counts: true };
