// Answers that are none: notices and lists have these as reasons.

export const unreachable = (reason: string) => `dashcam can't be reached (${reason}). Is it still running?`;
export const noReason = (status: number) => `dashcam answered with status ${status} and gave no reason.`;
export const answered = (status: number) => `dashcam answered with ${status}.`;
export const noContent = 'dashcam answered with nothing where content was due.';
