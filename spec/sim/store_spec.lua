local store = require "sim.store"

describe("the store", function()
  it("keeps rows in the order of creation and finds them by field", function()
    local rows = assert(store.open()):collection("1/r/s/Thing")
    for i = 1, 5 do rows:put("id" .. i, { Id = "id" .. i, Colour = i % 2 == 0 and "red" or "blue" }) end
    local ids = {}
    for _, row in ipairs(rows:by("Colour", "blue")) do ids[#ids + 1] = row.Id end
    assert.same({ "id1", "id3", "id5" }, ids)
    rows:get("id3").Colour = "red"
    rows:put("id3", rows:get("id3"))
    rows:delete("id1")
    assert.equal(1, #rows:by("Colour", "blue"))
    assert.equal(3, #rows:by("Colour", "red"))
    assert.equal(4, rows.count)
    assert.same({}, rows:by("Colour", "green"))
  end)

  it("survives many deletions", function()
    local rows = assert(store.open()):collection("1/r/s/Thing")
    for i = 1, 200 do rows:put("id" .. i, { n = i }) end
    for i = 1, 200, 2 do rows:delete("id" .. i) end
    for i = 2, 200, 4 do rows:delete("id" .. i) end
    local list = rows:list()
    assert.equal(50, #list)
    assert.equal(4, list[1].n)
    assert.equal(200, list[50].n)
  end)

  it("brings back what was committed, bytes too, and nothing else", function()
    local path = os.tmpname()
    local first = assert(store.open(path))
    local rows = first:collection("1/r/s/Thing")
    rows:put("b", { text = "ü", raw = "\255\0", n = 3, list = { "x" } })
    rows:put("a", { n = 1 })
    rows:put("gone", { n = 2 })
    assert(first:commit())
    rows:delete("gone")
    assert(first:commit())
    first:collection("1/r/s/Other"):put("late", {})
    first.db:close()
    local second = assert(store.open(path))
    local list = second:collection("1/r/s/Thing"):list()
    assert.equal(2, #list)
    assert.equal("\255\0", list[1].raw)
    assert.equal("x", list[1].list[1])
    assert.equal(0, second:collection("1/r/s/Other").count)
    second:close()
    for _, suffix in ipairs { "", "-wal", "-shm" } do os.remove(path .. suffix) end
  end)
end)
