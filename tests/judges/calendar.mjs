// What ical.js shows of a calendar file up to a day: {file, until} in, one object for each date out.
// Times are worked out from the zones that the file itself spells out, not from any others.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const { file, until } = JSON.parse(readFileSync(0, "utf8"));
const calendar = new ICAL.Component(ICAL.parse(file));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);

const events = calendar.getAllSubcomponents("vevent").map((one) => new ICAL.Event(one));
const last = ICAL.Time.fromJSDate(new Date(until), true);
const shown = [];
const show = (uid, item, startDate, endDate) =>
  shown.push({
    uid,
    start: startDate.toJSDate().toISOString(),
    end: endDate.toJSDate().toISOString(),
    zone: startDate.zone.tzid,
    summary: item.summary,
    description: item.description,
    location: item.location,
    sequence: item.sequence,
    status: item.component.getFirstPropertyValue("status"),
  });

for (const event of events.filter((one) => !one.isRecurrenceException())) {
  if (!event.isRecurring()) {
    show(event.uid, event, event.startDate, event.endDate);
    continue;
  }
  for (const one of events)
    if (one.isRecurrenceException() && one.uid === event.uid) event.relateException(one);
  const dates = event.iterator();
  for (let date = dates.next(); date && date.compare(last) < 0; date = dates.next()) {
    const details = event.getOccurrenceDetails(date);
    show(event.uid, details.item, details.startDate, details.endDate);
  }
}
const name = (property) => calendar.getFirstPropertyValue(property)?.toString() ?? null;
console.log(
  JSON.stringify({
    name: name("name"),
    color: name("color"),
    refresh: name("refresh-interval"),
    zones: calendar.getAllSubcomponents("vtimezone").map((one) => one.getFirstPropertyValue("tzid")),
    shown,
  }),
);
