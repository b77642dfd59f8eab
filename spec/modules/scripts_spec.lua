-- The scripts that say whether a cluster works, run with commands that answer for the servers.

local function run(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local text = pipe:read("a")
  local _, _, code = pipe:close()
  return code, text
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local FACTS = [[
CSO_REGION=eu-west-2
CSO_ZONE=test.cso.ss
CSO_SECRETS=test/cso
CSO_KEYSTONE_HOSTS='keystone01 keystone02'
CSO_RABBITMQ_HOSTS='rabbitmq-server-1 rabbitmq-server-2'
]]

-- Issues "token-of-<host>"; a host in $REFUSES refuses tokens that others issued.
local CURL = [=[#!/bin/bash
input="$(cat)"
for word in "$@"; do url="$word"; done
host="${url#https://}"; host="${host%%.*}"
case "$*" in
  *"-D -"*) printf 'HTTP/1.1 201 Created\r\nX-Subject-Token: token-of-%s\r\n\r\n' "$host" ;;
  *) case " $REFUSES " in
       *" $host "*) [[ "$input" == *"token-of-$host"* ]] ;;
     esac ;;
esac
]=]

describe("a cluster's own test", function()
  local box
  before_each(function()
    if run("command -v bash python3 >/dev/null") ~= 0 then pending("bash or python3 is not here") end
    box = os.tmpname()
    os.remove(box)
    assert.equal(0, (run(("mkdir -p %s/bin %s/home/etc && cp templates/scripts/*.sh %s/home"):format(box, box, box))))
    write(box .. "/home/etc/cso.env", FACTS)
    write(box .. "/bin/aws", "#!/bin/bash\necho generated\n")
  end)
  after_each(function()
    if box then run("rm -rf " .. box) end
  end)

  local function script(name, variables)
    run(("chmod +x %s/bin/*"):format(box))
    return run(("CSO_HOME=%s/home PATH=%s/bin:$PATH %s bash %s/home/%s"):format(box, box,
      variables or "", box, name))
  end

  describe("for Keystone", function()
    before_each(function() write(box .. "/bin/curl", CURL) end)

    it("passes when every server accepts every server's token", function()
      local code, said = script("test-keystone-cluster.sh")
      assert.equal(0, code, said)
      assert.matches("2 servers, cross%-server token validation working", said)
      assert.matches("keystone02 accepts a token of keystone01", said)
    end)

    it("fails, and says where, when keys are not shared", function()
      local code, said = script("test-keystone-cluster.sh", "REFUSES=keystone02")
      assert.equal(1, code, said)
      assert.matches("keystone02 refuses a token of keystone01", said)
    end)
  end)

  describe("for RabbitMQ", function()
    local function broker(running, queues)
      local nodes = {}
      for i = 1, running do nodes[i] = ('"rabbit@rabbitmq-server-%d"'):format(i) end
      write(box .. "/bin/rabbitmqctl", ([[#!/bin/bash
case "$1" in
  cluster_status) echo '{"running_nodes":[%s],"partitions":{}}' ;;
  list_queues) printf '%s' ;;
esac
]]):format(table.concat(nodes, ","), queues))
    end

    it("passes when all nodes run and every queue is copied", function()
      broker(2, "orders\\tclassic\\t\\t[<rabbit@rabbitmq-server-2.1>]\\n"
        .. "events\\tquorum\\t[rabbit@rabbitmq-server-1, rabbit@rabbitmq-server-2]\\t\\n")
      local code, said = script("test-rabbitmq-cluster-health.sh")
      assert.equal(0, code, said)
      assert.matches("2 nodes running, all queues mirrored", said)
    end)

    it("fails when a node is missing", function()
      broker(1, "")
      local code, said = script("test-rabbitmq-cluster-health.sh")
      assert.equal(1, code, said)
      assert.matches("1 nodes running", said)
    end)

    it("fails, and names the queue, when one has no copy", function()
      broker(2, "lonely\\tclassic\\t\\t[]\\n")
      local code, said = script("test-rabbitmq-cluster-health.sh")
      assert.equal(1, code, said)
      assert.matches("lonely", said)
    end)
  end)

  it("fills secrets into a file without showing them", function()
    write(box .. "/conf", "password = @DB_PASSWORD@@mysql\n")
    write(box .. "/fill.sh", '. "$CSO_HOME/lib.sh"\nfill "$1" DB_PASSWORD=keystone-db\n')
    run(("chmod +x %s/bin/*"):format(box))
    local code, said = run(("CSO_HOME=%s/home PATH=%s/bin:$PATH bash %s/fill.sh %s/conf"):format(box, box, box, box))
    assert.equal(0, code, said)
    assert.equal("", said)
    local file = assert(io.open(box .. "/conf"))
    assert.equal("password = generated@mysql\n", file:read("a"))
    file:close()
  end)
end)
