// What the recording misses, by hour.

// What the recording misses, by hour: how many exchanges, and why.
export const onlyParts = 'no exchange as a whole: pieces of bodies, messages, connections';
export const countedWhilePaused =
  'What passes while recording is paused is counted as dropped in the top bar, and stands here once recording goes on.';
export const byHour = 'What is missing, by hour';
export const hour = 'Hour';
export const why = 'Why';
export const firstAndLast = 'First – last';
export const parts = 'parts';
export const earlierHours = 'Earlier hours:';
export const earlierHoursCommand = 'dashcam gaps -n 10000';
export const nothingMissing = 'Nothing is missing';
export const nothingMissingSince = (time: string) => `${nothingMissing} since ${time}`;
export const whatShowsUp =
  'Exchanges that were to be recorded and could not be show up here, hour by hour, with the reason. What passes while the level is off or metrics is not among them.';
