-- Requests as our own server reads them: in one piece and in pieces they are the same. In C.
return function(_shared) return _G.http_requests end
