--- The process itself: environment, core files, exit (see host.proc).
return require "host.proc"
