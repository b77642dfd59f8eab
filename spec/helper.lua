--- Loaded by busted before any spec: refuses to run on an interpreter without the host.
if not pcall(require, "host.proc") then
  error("specs run on the host: ./dev test, or busted --lua=build/csorun-lua", 0)
end
