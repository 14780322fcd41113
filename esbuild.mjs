// Bundles what ships (dist/), and with --tests also transforms every source and test file one by one (out/).
// With --production it is minified; with --sizes it is only weighed, with --package-files only asked for its packages.
import { buildShipped, watchShipped } from './scripts/build/shipped.mjs';
import { printPackageFiles, printSizes } from './scripts/build/sizes.mjs';
import { buildTests } from './scripts/build/tests.mjs';

const args = new Set(process.argv.slice(2));

if (args.has('--sizes')) await printSizes();
else if (args.has('--package-files')) await printPackageFiles();
else if (args.has('--tests')) await Promise.all([buildShipped(), buildTests()]);
else if (args.has('--watch')) await watchShipped();
else await buildShipped();
