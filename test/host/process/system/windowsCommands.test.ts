/** Commands that Windows cannot start as Node starts programs. */
import assert from 'node:assert/strict';
import {
  programEndings,
  startableCommand,
  type Command,
  type Disk,
} from '../../../../src/host/process/system/windowsCommands';

/** As npm 11 writes it. */
const batch = (target: string): string =>
  [
    '@ECHO off\r\nGOTO start\r\n:find_dp0\r\nSET dp0=%~dp0\r\nEXIT /b\r\n:start\r\nSETLOCAL\r\nCALL :find_dp0\r\n\r\n',
    'IF EXIST "%dp0%\\node.exe" (\r\n  SET "_prog=%dp0%\\node.exe"\r\n) ELSE (\r\n  SET "_prog=node"\r\n)\r\n\r\n',
    `endLocal & goto #_undefined_# 2>NUL || title %COMSPEC% & "%_prog%"  "%dp0%\\${target}" %*\r\n`,
  ].join('');
const NPM = 'C:\\Users\\Zoë\\AppData\\Roaming\\npm';
const ENVIRONMENT = { Path: `relative;C:\\Windows;${NPM}`, PATHEXT: '.COM;.EXE;.BAT;.CMD' };
const SCRIPT = `${NPM}\\node_modules\\@anthropic-ai\\claude-code\\cli.js`;
const INSTALLED = {
  [`${NPM}\\claude`]: '#!/bin/sh\nexec node cli.js "$@"\n',
  [`${NPM}\\claude.CMD`]: batch('node_modules\\@anthropic-ai\\claude-code\\cli.js'),
};
const ARGS = ['-p', 'a "quoted" %PATH% & b\nc'];

const diskOf = (files: Readonly<Record<string, string>>): Disk => ({
  isFile: (file) => file in files,
  smallText: (file) => files[file],
});
const started = (command: string, files: Readonly<Record<string, string>>): Command =>
  startableCommand({ command, args: ARGS }, ENVIRONMENT, diskOf(files));

describe('a command of Windows', () => {
  it('starts the script of a batch file of npm, with its arguments unchanged', () => {
    assert.deepEqual(started('claude', INSTALLED), { command: 'node', args: [SCRIPT, ...ARGS] });
    assert.deepEqual(started(`${NPM}\\claude.CMD`, INSTALLED), { command: 'node', args: [SCRIPT, ...ARGS] });
  });

  it('prefers the Node next to the batch file, as the batch file does', () => {
    const files = { ...INSTALLED, [`${NPM}\\node.exe`]: '' };
    assert.deepEqual(started('claude', files), { command: `${NPM}\\node.exe`, args: [SCRIPT, ...ARGS] });
  });

  it('starts the program of a batch file of npm', () => {
    const files = {
      [`${NPM}\\codex.CMD`]: batch('node_modules\\@openai\\codex\\bin\\codex.exe').replace('"%_prog%"  ', ''),
    };
    assert.deepEqual(started('codex', files), {
      command: `${NPM}\\node_modules\\@openai\\codex\\bin\\codex.exe`,
      args: ARGS,
    });
  });

  it('is never a script without an ending, which only a POSIX shell starts', () => {
    assert.deepEqual(programEndings('claude', ENVIRONMENT), ['.COM', '.EXE', '.BAT', '.CMD']);
    assert.deepEqual(programEndings('claude.exe', ENVIRONMENT), ['', '.COM', '.EXE', '.BAT', '.CMD']);
  });

  it('is the given one where nothing else is known of it', () => {
    const own = { 'C:\\Windows\\tool.EXE': '', 'C:\\Windows\\own.BAT': 'echo %*' };
    assert.deepEqual(started('tool', own), { command: 'C:\\Windows\\tool.EXE', args: ARGS });
    assert.deepEqual(started('own', own), { command: 'C:\\Windows\\own.BAT', args: ARGS });
    assert.deepEqual(started('missing', own), { command: 'missing', args: ARGS });
    assert.deepEqual(started('.\\tool', own), { command: '.\\tool', args: ARGS });
  });
});
