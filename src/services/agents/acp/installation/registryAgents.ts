/**
 * Agents of the protocol's registry that are on npm and have no recipe: their packages as npm describes them. It is not
 * known in which mode they ask and what their figures mean, so they count as acting unasked.
 */
import type { AgentRecipe } from '../recipes';

export const REGISTRY_AGENTS: readonly AgentRecipe[] = [
  {
    name: 'auggie',
    title: 'Auggie CLI',
    license: 'proprietary',
    package: '@augmentcode/auggie',
    version: '0.36.0',
    integrity: 'sha512-jb4kq97pGzG0i5UyISc//LjTVlFzIywwD+VfPemiSIl58KjLfxry3KDgxWYnr1vmV8yUkySVzjLnj4ewUEbT/Q==',
    main: { script: 'augment.mjs' },
    installedMb: 39,
    signIn: { args: ['login'] },
    command: 'auggie',
    args: ['--acp'],
    env: { AUGMENT_DISABLE_AUTO_UPDATE: '1' },
    passEnv: ['AUGMENT_*'],
    session: { minNode: '20' },
  },
  {
    name: 'cline',
    title: 'Cline',
    license: 'Apache-2.0',
    package: 'cline',
    version: '3.0.65',
    integrity: 'sha512-6P2jgsJHp+JRUzlGR6Rp4W/zAwXPg8ihC2M9ec/VgKS4nnlGCB8Ftn17StcIjYFYtocJRkU8UGUnKF69zhv40Q==',
    main: { script: 'bin/cline' },
    installedMb: 434,
    signIn: { args: ['auth'] },
    command: 'cline',
    args: ['--acp'],
    env: {},
    passEnv: ['CLINE_*'],
    session: {},
  },
];
