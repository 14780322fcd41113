/** The page of a long list that a caller asks for. */
import type { ListPage } from '../../kernel/db/recordPages';

/** Rows of a page whose length the caller does not give. */
const DEFAULT_ROWS = 1000;

export function pageOf(asked: { readonly from: number | undefined; readonly limit: number | undefined }): ListPage {
  return { from: asked.from ?? 0, limit: asked.limit ?? DEFAULT_ROWS };
}
