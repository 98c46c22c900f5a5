variable "enabled" {
  type    = bool
  default = true
}

variable "trail_enabled" { default = true }
variable "off_enabled" { default = false }
variable "prefix" { default = "" }
variable "namespace" { default = "Replaced" }
variable "disabled" {
  type    = list(string)
  default = ["unwanted"]
}
variable "log_group" {}
variable "unset" {}
