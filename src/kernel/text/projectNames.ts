/** Display names of projects. Pure. */

/** The folder names of projects, and whole paths where two folders have the same name. */
export function projectNames(projectDirs: Iterable<string>): (projectDir: string) => string {
  const names = [...new Set(projectDirs)].map(folderName);
  return (projectDir) => {
    const name = folderName(projectDir);
    return names.filter((other) => other === name).length > 1 ? projectDir : name;
  };
}

function folderName(projectDir: string): string {
  return projectDir.split(/[\\/]/).findLast((part) => part !== '') ?? projectDir;
}
