/** Packages that the programs import only when they are needed: each ships once, in a file of its own. */
export const LATE_PACKAGES = ['simple-git', '@octokit/request'];

/** @param {string} name of a package @returns the name of its file, without its ending */
export const packageFile = (name) => name.replace(/^@/, '').replaceAll('/', '-');

export const latePackages = {
  name: 'late-packages',
  setup({ onResolve }) {
    onResolve({ filter: /^@?[a-z][a-z/-]*$/, namespace: 'file' }, ({ path: name, kind }) =>
      LATE_PACKAGES.includes(name) && kind === 'dynamic-import'
        ? { path: `./packages/${packageFile(name)}.js`, external: true }
        : undefined,
    );
  },
};
