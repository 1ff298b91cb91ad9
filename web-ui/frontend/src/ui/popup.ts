// Where a popup stands: below its anchor, or above it where there is no room, and within the window.

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

const GAP = 3;
const EDGE = 6;

/** The upper left corner of a popup of a size, beside `anchor`, in a window of a size. */
export function placed(
  anchor: Box,
  popup: Pick<Box, 'width' | 'height'>,
  window: Pick<Box, 'width' | 'height'>,
): Pick<Box, 'left' | 'top'> {
  const below = anchor.top + anchor.height + GAP;
  const above = anchor.top - GAP - popup.height;
  const fits = below + popup.height <= window.height - EDGE || above < EDGE;
  return {
    left: Math.max(EDGE, Math.min(anchor.left, window.width - EDGE - popup.width)),
    top: Math.max(EDGE, fits ? Math.min(below, window.height - EDGE - popup.height) : above),
  };
}
