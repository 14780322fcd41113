/** How large the package and its parts may get, in bytes (`docs/design/architecture.md#bars`). */

export const MOST_PACKED = 1.5 * 1024 * 1024;

/** What a window loads when it starts. */
export const MOST_STARTED = 620_000;
