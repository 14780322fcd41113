@echo off
if defined INTERCORE_NODE (
  set ELECTRON_RUN_AS_NODE=1
  "%INTERCORE_NODE%" "%~dp0..\dist\ic.js" %*
) else (
  node "%~dp0..\dist\ic.js" %*
)
