--- luaposix's interface. The same assertions hold for luaposix itself.
local dirent = require("posix.dirent")
local errno = require("posix.errno")
local fcntl = require("posix.fcntl")
local posix = require("posix")
local pwd = require("posix.pwd")
local signal = require("posix.signal")
local stat = require("posix.sys.stat")
local stdlib = require("posix.stdlib")
local time = require("posix.time")
local unistd = require("posix.unistd")
local wait = require("posix.sys.wait").wait

describe("posix", function()
  local dir

  before_each(function() dir = assert(stdlib.mkdtemp("/tmp/csorun-posix-XXXXXX")) end)
  after_each(function() os.execute("rm -rf " .. dir) end)

  it("fails with nil, message, errno", function()
    assert.same({ nil, "/none: No such file or directory", errno.ENOENT },
      { unistd.access("/none", "r") })
    assert.same({ nil, "Bad file descriptor", errno.EBADF }, { unistd.close(-1) })
    assert.same({ "No such file or directory", 2 }, { errno.errno(errno.ENOENT) })
  end)

  it("gathers its modules", function()
    for name, fn in pairs { getpid = unistd.getpid, open = fcntl.open, stat = stat.stat } do
      assert.equal(fn, posix[name])
    end
    assert.equal(fcntl.O_CREAT, posix.O_CREAT)
    assert.is_string(posix.version)
  end)

  it("opens, writes, seeks, reads, truncates, syncs", function()
    local fd = assert(fcntl.open(dir .. "/f", fcntl.O_RDWR | fcntl.O_CREAT, 384))
    assert.equal(5, unistd.write(fd, "hello"))
    assert.equal(2, unistd.write(fd, "hello", 2, 1))
    assert.equal(0, unistd.lseek(fd, 0, unistd.SEEK_SET))
    assert.equal("helloel", unistd.read(fd, 100))
    assert.equal("", unistd.read(fd, 100))
    assert.equal(0, unistd.fsync(fd))
    assert.equal(0, unistd.ftruncate(fd, 2))
    assert.equal(0, unistd.close(fd))
    assert.equal(2, stat.stat(dir .. "/f").st_size)
    assert.error_matches(function() unistd.write(1, "ab", 3) end, "out of bounds")
  end)

  it("knows modes and links", function()
    assert.equal(0, stat.mkdir(dir .. "/d", 448))
    local mode = stat.stat(dir .. "/d").st_mode
    assert.not_equal(0, stat.S_ISDIR(mode))
    assert.equal(0, stat.S_ISREG(mode))
    assert.equal(448, mode & ~stat.S_IFMT)
    assert.equal(0, unistd.link("d", dir .. "/l", true))
    assert.equal("d", unistd.readlink(dir .. "/l"))
    assert.not_equal(0, stat.S_ISLNK(stat.lstat(dir .. "/l").st_mode))
    assert.equal(0, stat.chmod(dir .. "/d", 320))
    local before = stat.umask(63)
    assert.equal(63, stat.umask(before))
    assert.equal(0, unistd.rmdir(dir .. "/d"))
    assert.equal(errno.ENOENT, select(3, stat.stat(dir .. "/l")))
  end)

  it("lists directories", function()
    unistd.close(assert(fcntl.open(dir .. "/a", fcntl.O_CREAT, 384)))
    local names = dirent.dir(dir)
    table.sort(names)
    assert.same({ ".", "..", "a" }, names)
    local n = 0
    for _ in dirent.files(dir) do n = n + 1 end
    assert.equal(3, n)
    assert.same({ dir .. "/a" }, require("posix.glob").glob(dir .. "/*"))
    assert.equal(0, require("posix.fnmatch").fnmatch("*.lua", "x.lua"))
    assert.equal("a", require("posix.libgen").basename(dir .. "/a"))
    assert.equal(dir, require("posix.libgen").dirname(dir .. "/a"))
  end)

  it("locks records", function()
    local fd = assert(fcntl.open(dir .. "/f", fcntl.O_RDWR | fcntl.O_CREAT, 384))
    local lock = { l_type = fcntl.F_WRLCK, l_whence = unistd.SEEK_SET, l_start = 0, l_len = 0 }
    assert.equal(0, fcntl.fcntl(fd, fcntl.F_SETLK, lock))
    unistd.close(fd)
  end)

  it("forks, execs and waits", function()
    local r, w = unistd.pipe()
    io.stdout:flush()
    local pid = unistd.fork()
    if pid == 0 then
      unistd.dup2(w, 1)
      unistd.execp("sh", { [0] = "mysh", "-c", "echo $0 $1; exit 7", "zero", "one" })
      unistd._exit(1)
    end
    unistd.close(w)
    assert.same({ pid, "exited", 7 }, { wait(pid) })
    assert.equal("zero one\n", unistd.read(r, 100))
    unistd.close(r)
    pid = unistd.fork()
    if pid == 0 then
      unistd.sleep(100)
      unistd._exit(0)
    end
    signal.kill(pid, signal.SIGKILL)
    assert.same({ pid, "killed", signal.SIGKILL }, { wait(pid) })
    assert.equal(errno.ECHILD, select(3, wait(pid)))
  end)

  it("delivers signals between instructions", function()
    local got
    local before = signal.signal(signal.SIGUSR2, function(number) got = number end)
    assert.equal("SIG_DFL", before)
    signal.raise(signal.SIGUSR2)
    for _ = 1, 10 do assert(true) end
    assert.equal(signal.SIGUSR2, got)
    signal.signal(signal.SIGUSR2, "SIG_DFL")
  end)

  it("knows users, groups and the system", function()
    local me = pwd.getpwuid(unistd.getuid())
    assert.same(me, pwd.getpwnam(me.pw_name))
    assert.is_nil((pwd.getpwnam("no such user")))
    assert.equal(me.pw_gid, require("posix.grp").getgrgid(me.pw_gid).gr_gid)
    assert.equal("Linux", require("posix.sys.utsname").uname().sysname)
  end)

  it("reads and writes times", function()
    local t = time.gmtime(86400 * 365)
    assert.same({ 71, 0, 1 }, { t.tm_year, t.tm_mon, t.tm_mday })
    assert.equal("1971-01-01", time.strftime("%Y-%m-%d", t))
    local parsed, next_index = time.strptime("2024-02-29 rest", "%Y-%m-%d")
    assert.same({ 124, 1, 29, 11 },
      { parsed.tm_year, parsed.tm_mon, parsed.tm_mday, next_index })
    assert.is_nil((time.strptime("no date", "%Y")))
    assert.is_true(time.clock_gettime(time.CLOCK_MONOTONIC).tv_sec >= 0)
    assert.equal(0, time.nanosleep { tv_sec = 0, tv_nsec = 1000 })
  end)

  it("waits for descriptors", function()
    local poll = require("posix.poll")
    local r, w = unistd.pipe()
    assert.equal(0, poll.rpoll(r, 0))
    unistd.write(w, "x")
    local fds = { [r] = { events = { IN = true } } }
    assert.equal(1, poll.poll(fds, 100))
    assert.is_true(fds[r].revents.IN)
    assert.is_false(fds[r].revents.ERR)
    unistd.close(r)
    unistd.close(w)
  end)

  it("changes the environment", function()
    assert.equal(0, stdlib.setenv("CSORUN_POSIX_SPEC", "1"))
    assert.equal("1", stdlib.getenv("CSORUN_POSIX_SPEC"))
    assert.equal("1", stdlib.getenv()["CSORUN_POSIX_SPEC"])
    assert.equal(0, stdlib.setenv("CSORUN_POSIX_SPEC", nil))
    assert.is_nil(stdlib.getenv("CSORUN_POSIX_SPEC"))
    local fd, path = stdlib.mkstemp(dir .. "/XXXXXX")
    unistd.close(fd)
    assert.equal(path, stdlib.realpath(dir .. "/./" .. path:match("[^/]+$")))
  end)

  it("gives way to an installed luaposix", function()
    local file = assert(io.open(dir .. "/posix.lua", "w"))
    file:write("return { version = 'installed' }")
    file:close()
    local lua = require("host.fs").exe_dir() .. "/csorun-lua"
    local pipe = io.popen("LUA_PATH='" .. dir .. "/?.lua;;' " .. lua
      .. " -e 'print(require(\"posix\").version)'")
    local out = pipe:read("a")
    pipe:close()
    assert.equal("installed\n", out)
  end)
end)
