/** Fills the demo workspace: what `npm start` opens. */
import path from 'node:path';
import { createRepository, PARCEL_API, PARCEL_WEB } from './repositories';
import { API_RUN, seedRun, WEB_RUN } from './runs';

export interface DemoFolders {
  readonly api: string;
  readonly web: string;
}

/** The two folders of the demo workspace below `parent`. */
export const demoFolders = (parent: string): DemoFolders => ({
  api: path.join(parent, 'parcel-api'),
  web: path.join(parent, 'parcel-web'),
});

/** Makes the two repositories and a run in each, in different phases. Both folders must be missing or empty. */
export async function seedDemo(folders: DemoFolders): Promise<void> {
  await Promise.all([createRepository(folders.api, PARCEL_API), createRepository(folders.web, PARCEL_WEB)]);
  await Promise.all([seedRun(folders.api, API_RUN), seedRun(folders.web, WEB_RUN)]);
}
