//! Somebody who is told.

/// A template that subscribes a queue to a topic, as an operator would subscribe a mailbox: takes
/// `Topic`, gives `Url`.
pub const INBOX: &str = "
AWSTemplateFormatVersion: '2010-09-09'
Parameters: { Topic: { Type: String } }
Resources:
  Inbox: { Type: AWS::SQS::Queue }
  Subscription:
    Type: AWS::SNS::Subscription
    Properties: { Protocol: sqs, TopicArn: !Ref Topic, Endpoint: !GetAtt Inbox.Arn, RawMessageDelivery: true }
Outputs:
  Url: { Value: !Ref Inbox }
";
