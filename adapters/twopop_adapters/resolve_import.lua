-- Imports what `twopop render` made of the open timeline, as a new timeline. Nothing that is there is changed.
local windows = package.config:sub(1, 1) == "\\"
local home = os.getenv(windows and "USERPROFILE" or "HOME")

local function safe(name)
    return (name:gsub("[^%w _-]", "_"))
end

local resolve = resolve or Resolve()
local project = resolve:GetProjectManager():GetCurrentProject()
local timeline = project and project:GetCurrentTimeline()
if not timeline then
    print("twopop: no timeline is open. Nothing was imported.")
    return
end

local separator = windows and "\\" or "/"
local folder = table.concat({ home, "twopop", safe(project:GetName()) }, separator)
local base = folder .. separator .. safe(timeline:GetName()) .. ".conformed.resolve"
local taken = {}
for index = 1, project:GetTimelineCount() do
    taken[project:GetTimelineByIndex(index):GetName()] = true
end
local name, number = timeline:GetName() .. " twopop", 1
while taken[name] do
    number = number + 1
    name = timeline:GetName() .. " twopop " .. number
end

local options = { timelineName = name, importSourceClips = true, sourceClipsPath = folder }
for _, suffix in ipairs({ ".otio", ".xml" }) do
    local file = io.open(base .. suffix)
    if file then
        file:close()
        if project:GetMediaPool():ImportTimelineFromFile(base .. suffix, options) then
            print("twopop: imported " .. base .. suffix .. " as " .. name)
            return
        end
    end
end
print("twopop: there is no " .. base .. ".otio yet, or Resolve did not take it (it gives no reason). See the .log beside it.")
