# Makes of a dead letter a document that Elasticsearch cannot refuse in turn: the event is one text,
# beside the reason. Read by Logstash's filter ruby, for refused.conf.

def filter(event)
  reason = event.get("[@metadata][dead_letter_queue][reason]").to_s
  text = event.to_json
  event.to_hash.keys.each { |name| event.remove(name) }
  # When it was refused: the event's own time may be the reason.
  event.timestamp = LogStash::Timestamp.now
  event.set("[event][kind]", "pipeline_error")
  event.set("[event][original]", text)
  event.set("[error][message]", reason)
  type = error_type(reason)
  event.set("[error][type]", type) unless type.nil?
  [event]
end

# Of Elasticsearch's answer, as Ruby writes a hash: with spaces around => since Ruby 3.4.
def error_type(reason)
  reason[/"error" *=> *\{"type" *=> *"([a-z_]+)"/, 1]
end
