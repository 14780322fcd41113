/**
 * Loaded first into the VS Code server (`--require`): ends the server when the program that started it is gone, even
 * if that one was killed and could stop nothing. Their channel closes at that moment.
 */
if (process.channel) {
  process.channel.unref();
  process.once('disconnect', () => process.exit(0));
}
