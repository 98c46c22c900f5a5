# Lists side by side, and patterns in pieces: how older modules do it.
locals {
  names    = ["bucket-policy", "key-disabled"]
  patterns = [
    "{ ($.eventSource = s3.amazonaws.com) && ($.eventName = PutBucketPolicy) }",
    join(" ", [
      "{ ($.eventSource = kms.amazonaws.com)",
      var.with_deletion ? "&& (($.eventName = DisableKey) || ($.eventName = ScheduleKeyDeletion)) }" : "&& ($.eventName = DisableKey) }",
    ]),
  ]
  overrides = { for name in local.names : name => merge({ threshold = 1 }, try(var.thresholds[name], {})) }
}

variable "with_deletion" { default = true }
variable "thresholds" {
  type = map(object({
    threshold = optional(number, 5)
    unit      = optional(string)
  }))
  default = { key-disabled = {} }
}

resource "aws_cloudwatch_log_metric_filter" "listed" {
  count          = length(local.patterns)
  name           = "${local.names[count.index]}-filter"
  pattern        = local.patterns[count.index]
  log_group_name = lookup({ name = "trail" }, "name", var.log_group)

  metric_transformation {
    name      = element(local.names, count.index)
    namespace = coalesce("", null, "Listed")
    value     = "$.additionalEventData.size"
    unit      = "Bytes"
    dimensions = {
      Account = "$.recipientAccountId"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "listed" {
  count               = length(local.patterns)
  alarm_name          = "${local.names[count.index]}-alarm"
  alarm_description   = count.index == 0 ? "First." : "Other."
  metric_name         = local.names[count.index]
  namespace           = aws_cloudwatch_log_metric_filter.listed.0.metric_transformation[0].namespace
  statistic           = title("maximum")
  period              = 60 * 5
  evaluation_periods  = 1
  threshold           = local.overrides[local.names[count.index]].threshold
  unit                = local.overrides[local.names[count.index]]["threshold"] > 2 ? "Bytes" : null
  comparison_operator = "GreaterThanThreshold"

  dynamic "metric_query" {
    for_each = []
    content {
      id = metric_query.key
    }
  }
}
