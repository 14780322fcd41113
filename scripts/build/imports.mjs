/** What files import, as esbuild's list of them knows it. */

/** A file with all that it imports, at once or late, and what they import. */
export function everyImport(file, files, isWanted = () => true, known = new Set()) {
  known.add(file);
  for (const next of files[file].imports) {
    if (next.path in files && !known.has(next.path) && isWanted(next)) everyImport(next.path, files, isWanted, known);
  }
  return known;
}

/** Whether a file is loaded with the one that imports it. */
export const isAtOnce = ({ kind }) => kind === 'import-statement';

/** What a part exports is there once it has loaded what it imports, so no part may import itself through others. */
export function refuseCircles(parts) {
  const next = (file) => parts[file].imports.filter((found) => isAtOnce(found) && found.path in parts);
  const reaches = (file, target, known = new Set()) =>
    next(file).some(({ path: to }) => to === target || (!known.has(to) && reaches(to, target, known.add(to))));
  const circular = Object.keys(parts).filter((file) => reaches(file, file));
  if (circular.length > 0) throw new Error(`Parts import each other in a circle: ${circular.join(', ')}`);
}
