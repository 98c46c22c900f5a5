# Controls in one map, switched on together: how many public modules do it.
locals {
  prefix = var.prefix == "" ? "" : "${var.prefix}-"

  all_controls = {
    root-use = {
      description = "Root was used."
      pattern     = "{ ($.userIdentity.type = \"Root\") && ($.eventType != \"AwsServiceEvent\") }"
    }
    no-mfa = {
      description = "A sign-in without MFA."
      pattern     = <<-EOT
        { ($.eventName = "ConsoleLogin")
          && ($.additionalEventData.MFAUsed != "Yes") }
      EOT
      threshold   = 3
    }
    unwanted = { description = "Off.", pattern = "{ $.eventName = Off }" }
  }

  controls = { for name, control in local.all_controls : name => control if !contains(var.disabled, name) }
}

resource "aws_cloudwatch_log_group" "trail" {
  name = "trail"
}

resource "aws_sns_topic" "pager" {
  name = "pager"
}

resource "aws_cloudwatch_log_metric_filter" "control" {
  for_each = var.enabled ? local.controls : {}

  name           = "${local.prefix}${each.key}"
  pattern        = each.value["pattern"]
  log_group_name = aws_cloudwatch_log_group.trail.name

  metric_transformation {
    name          = "${local.prefix}${each.key}"
    namespace     = var.namespace
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_metric_alarm" "control" {
  for_each = var.enabled ? local.controls : {}

  alarm_name          = "${local.prefix}${each.key}"
  alarm_description   = lookup(each.value, "description", "none")
  metric_name         = aws_cloudwatch_log_metric_filter.control[each.key].id
  namespace           = var.namespace
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = "1"
  threshold           = try(each.value.threshold, 1)
  comparison_operator = "GreaterThanOrEqualToThreshold"
  alarm_actions       = [aws_sns_topic.pager.arn]
  treat_missing_data  = "notBreaching"
  tags                = { team = "audit" }
}
