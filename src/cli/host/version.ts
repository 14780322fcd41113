/** The version of the original command whose surface this is. */
export const SURFACE_VERSION = '0.3.0';
