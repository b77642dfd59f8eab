local compare = require "cso.cmd.s3.compare"
local glob = require "cso.cmd.s3.glob"
local place = require "cso.cmd.s3.place"
local shell = require "spec.cmd.shell_line"

local function each(list)
  local i = 0
  return function()
    i = i + 1
    return list[i]
  end
end

describe("places of s3 commands", function()
  it("are paths or parts of buckets", function()
    assert.same({ path = "a/b" }, place.read "a/b")
    assert.same({ bucket = "b", key = "" }, place.read "s3://b")
    assert.same({ bucket = "b", key = "x/y" }, place.read "s3://b/x/y")
    assert.same({ bucket = "arn:aws:s3:eu-west-2:123456789012:accesspoint/p", key = "x/y" },
      place.read "s3://arn:aws:s3:eu-west-2:123456789012:accesspoint/p/x/y")
    assert.equal("usage", select(2, place.remote("s3://", "s3 rm")).class)
    assert.equal("usage", select(2, place.remote("x", "s3 rm")).class)
  end)

  it("never lead out of a directory", function()
    assert.equal("d/a/b", place.under("d/", "a/b"))
    assert.equal("d//a", place.under("d", "/a"))
    for _, key in ipairs { "../x", "a/../../x", "a/.." } do
      assert.equal("unsafe_key", select(2, place.under("d", key)).code)
    end
  end)

  it("are compared by size and time", function()
    local function compared(kind, how)
      local extra, names = {}, {}
      for item in compare.walk(each { { name = "b same", size = 1, time = 5 }, { name = "c size", size = 1, time = 5 },
        { name = "d newer", size = 1, time = 9 }, { name = "e new", size = 1, time = 5 },
        { name = "f older", size = 1, time = 2 } },
        each { { name = "a gone", size = 1, time = 5 }, { name = "b same", size = 1, time = 5.5 },
          { name = "c size", size = 2, time = 5 }, { name = "d newer", size = 1, time = 5 },
          { name = "f older", size = 1, time = 5 }, { name = "g gone", size = 1, time = 5 } },
        kind, how or {}, function(item) extra[#extra + 1] = item.name end) do
        names[#names + 1] = item.name
      end
      assert.same({ "a gone", "g gone" }, extra)
      return names
    end
    assert.same({ "c size", "d newer", "e new" }, compared "upload")
    assert.same({ "c size", "d newer", "e new" }, compared "copy")
    assert.same({ "c size", "e new", "f older" }, compared "download")
    assert.same({ "c size", "e new" }, compared("download", { size_only = true }))
    assert.same({ "c size", "d newer", "e new", "f older" }, compared("download", { exact_timestamps = true }))
  end)
end)

describe("filters of s3 commands", function()
  it("are judged in order, the last that fits decides", function()
    local function takes(name, ...) return glob.filter({ ... })(name) end
    assert.is_true(takes("a/b.txt"))
    assert.is_false(takes("a/b.txt", { "exclude", "*" }))
    assert.is_true(takes("a/b.txt", { "exclude", "*" }, { "include", "*.txt" }))
    assert.is_false(takes("a/b.txt", { "include", "*.txt" }, { "exclude", "*" }))
    assert.is_false(takes("a/b.txt", { "exclude", "a/*" }))
    assert.is_true(takes("xa/b.txt", { "exclude", "a/*" }))
    assert.is_false(takes("b1.txt", { "exclude", "b[0-9].tx?" }))
    assert.is_true(takes("b1.txt", { "exclude", "b[!0-9].txt" }))
    assert.is_false(takes("a[b", { "exclude", "a[b" }))
    assert.is_true(takes("axb", { "exclude", "a.b" }))
    assert.is_false(takes("\u{e4}.x", { "exclude", "?.x" }))
    assert.is_false(takes("100%", { "exclude", "100%" }))
  end)
end)

describe("csorun s3", function()
  it("copies, lists, synchronises and deletes", function()
    local text, status = shell([[d=$(mktemp -d) && cd $d && run() { $B/csorun "$@" --sim; } &&
      run exec s3.CreateBucket Bucket=photos-1 CreateBucketConfiguration.LocationConstraint=eu-west-2 >made &&
      mkdir -p tree/in && echo one >tree/in/1.txt && echo two >'tree/t w+o' &&
      run s3 sync tree s3://photos-1/t && run s3 sync tree s3://photos-1/t && run s3 ls s3://photos-1/t/ &&
      run s3 cp s3://photos-1/t/in/1.txt s3://photos-1/copy && run s3 cp s3://photos-1/copy back.txt && cat back.txt &&
      rm 'tree/t w+o' && run s3 sync tree s3://photos-1/t --delete && run s3 sync s3://photos-1/t new &&
      run s3 sync s3://photos-1/t new && cmp tree/in/1.txt new/in/1.txt &&
      run s3 rm s3://photos-1/ --recursive && run s3 ls s3://photos-1; s=$?; rm -r $d; (exit $s)]])
    assert.equal(0, status, text)
    assert.equal(([[
upload: tree/in/1.txt to s3://photos-1/t/in/1.txt
upload: tree/t w+o to s3://photos-1/t/t w+o
                           PRE in/
TIME          4 t w+o
copy: s3://photos-1/t/in/1.txt to s3://photos-1/copy
download: s3://photos-1/copy to back.txt
one
delete: s3://photos-1/t/t w+o
download: s3://photos-1/t/in/1.txt to new/in/1.txt
delete: s3://photos-1/copy
delete: s3://photos-1/t/in/1.txt
]]), (text:gsub("%d%d%d%d%-%d%d%-%d%d %d%d:%d%d:%d%d", "TIME")))
  end)

  it("filters, takes streams, writes on conditions and tells of each failure", function()
    local text, status = shell([[d=$(mktemp -d) && cd $d && run() { $B/csorun "$@" --sim; } &&
      run exec s3.CreateBucket Bucket=photos-1 CreateBucketConfiguration.LocationConstraint=eu-west-2 >made &&
      mkdir -p t/in && echo one >t/in/1.txt && echo two >t/2.txt && echo three >t/3.tmp &&
      run s3 cp t s3://photos-1/t --recursive --exclude '*' --include '*.txt' --exclude 'in/*' --json &&
      run s3 sync t s3://photos-1/t --exclude '*.tmp' --metadata a=b,c=d --dryrun &&
      printf piped | run s3 cp - s3://photos-1/log && run s3 cp s3://photos-1/log - && echo &&
      echo x | run s3 cp - s3://photos-1/logfile --quiet
      run s3 cp t/2.txt s3://photos-1/log --if-none-match '*' --quiet; echo "code $?"
      run s3 cp t/2.txt s3://photos-1/log --if-match wrong --quiet; echo "code $?"
      run s3 rm s3://photos-1/log --recursive; run s3 ls s3://photos-1/none; echo "code $?"
      run exec s3.PutObject Bucket=photos-1 Key=e/../../x Body=evil >made
      run s3 cp s3://photos-1/ down --recursive; echo "code $?"; find down -type f | sort
      run exec s3.GetObject Bucket=photos-1 Key=log --out got --query ContentLength; cat got
      cd /; rm -r $d]])
    assert.equal(0, status, text)
    text = text:gsub("  call: [^\n]*\n", "")
    assert.equal([[
{"action":"upload","from":"t/2.txt","size":4,"to":"s3://photos-1/t/2.txt"}
(dry run) upload: t/in/1.txt to s3://photos-1/t/in/1.txt
upload: - to s3://photos-1/log
piped
error: s3.PutObject: PreconditionFailed: At least one of the pre-conditions you specified did not hold
code 1
error: s3.PutObject: PreconditionFailed: At least one of the pre-conditions you specified did not hold
code 1
error: nothing lies under s3://photos-1/none [NoSuchKey]
code 1
error: the key "e/../../x" could be written outside of down [unsafe_key]
  hint: download it by itself: csorun s3 cp s3://BUCKET/KEY FILE
download: s3://photos-1/log to down/log
download: s3://photos-1/logfile to down/logfile
download: s3://photos-1/t/2.txt to down/t/2.txt
code 3
down/log
down/logfile
down/t/2.txt
5
piped]], text)
  end)

  it("refuses places that make no sense", function()
    for words, message in pairs { ["cp a b"] = "both places are paths", ["cp s3:// x"] = "without a bucket",
      ["rm s3://b"] = "names no object", ["sync nowhere s3://b/p"] = "is no directory",
      ["cp - s3://b"] = "no name of its own", ["cp nowhere s3://b/k"] = "does not exist",
      ["cp x s3://b/k --metadata a"] = "--metadata takes", ["cp - s3://b/k --recursive"] = "one stream",
      ["rm x"] = "takes s3://BUCKET/KEY" } do
      local text, status = shell("AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=s AWS_REGION=eu-west-2 "
        .. "AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null $B/csorun s3 " .. words)
      assert.equal(3, status, text)
      assert.truthy(text:find(message, 1, true), text)
    end
  end)
end)
