/** The types of our panels, which VS Code keeps with a panel that it restores after a reload. */

export const BOARD_PANEL = 'intercore.board';
export const GRAPH_PANEL = 'intercore.portfolioGraph';
export const TIMELINE_PANEL = 'intercore.runTimeline';
export const TRANSCRIPT_PANEL = 'intercore.transcript';
