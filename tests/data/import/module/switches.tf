# One resource for each control, each with a switch of its own.
resource "aws_cloudwatch_log_metric_filter" "trail_changed" {
  count = var.trail_enabled ? 1 : 0

  name           = "trail-changed"
  pattern        = "{ ($.eventName = StopLogging) || ($.eventName = DeleteTrail) }"
  log_group_name = var.log_group

  metric_transformation {
    name      = "trail-changed"
    namespace = format("%s/%s", var.namespace, "Trail")
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "trail_changed" {
  count = var.trail_enabled ? 1 : 0

  alarm_name          = "trail-changed"
  metric_name         = aws_cloudwatch_log_metric_filter.trail_changed[0].metric_transformation[0].name
  namespace           = aws_cloudwatch_log_metric_filter.trail_changed[0].metric_transformation[0].namespace
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 2
  datapoints_to_alarm = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
}

resource "aws_cloudwatch_log_metric_filter" "off" {
  count   = var.off_enabled ? 1 : 0
  name    = "off"
  pattern = "{ $.eventName = Off }"
  metric_transformation {
    name      = "off"
    namespace = "x"
    value     = "1"
  }
}

resource "aws_cloudwatch_log_metric_filter" "elsewhere" {
  count   = module.label.enabled ? 1 : 0
  name    = "elsewhere"
  pattern = "{ $.eventName = Elsewhere }"
  metric_transformation {
    name      = "elsewhere"
    namespace = var.unset
    value     = "1"
  }
}

resource "aws_cloudwatch_log_metric_filter" "circle" {
  name    = "circle"
  pattern = local.a
  metric_transformation {
    name      = "circle"
    namespace = "x"
    value     = "1"
  }
}

resource "aws_cloudwatch_log_metric_filter" "fetched" {
  name    = "fetched"
  pattern = file("${path.module}/pattern.txt")
  metric_transformation {
    name      = "fetched"
    namespace = "x"
    value     = "1"
  }
}

locals {
  a = local.b
  b = "{ $.eventName = ${local.a} }"
}

module "label" {
  source = "./label"
}
