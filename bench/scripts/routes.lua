-- Requests go to /route-0/ and so on, as many as the argument says, each in its turn, but none beside its
-- neighbour: the step is a prime.

local STEP = 7919
local requests = {}
local position = 0

function init(arguments)
    for index = 1, tonumber(arguments[1]) do
        requests[index] = wrk.format(nil, "/route-" .. (index - 1) .. "/1k")
    end
end

function request()
    position = (position + STEP) % #requests
    return requests[position + 1]
end
